-- The first rows of a table, to see which keys it has.
SELECT line FROM event_rows LIMIT $rows;
