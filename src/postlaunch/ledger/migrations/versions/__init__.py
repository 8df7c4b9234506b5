"""One file per revision, and the SQL that a revision needs for one kind of database beside it."""
