-- The rows of a table (CSV, Parquet) as JSON objects, so that one query reads every format.
CREATE OR REPLACE TEMP VIEW read_rows AS
SELECT to_json(row_table)::VARCHAR AS line, row_number() OVER () - 1 AS place
FROM row_table;
