-- The first rows of a table, to see which keys it has.
SELECT line FROM read_rows LIMIT $rows;
