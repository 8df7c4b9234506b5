SELECT token, holder, released FROM leases WHERE run = ?
