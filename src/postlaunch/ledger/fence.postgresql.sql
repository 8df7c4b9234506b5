SELECT token, holder, released FROM postlaunch.leases WHERE run = %s FOR SHARE
