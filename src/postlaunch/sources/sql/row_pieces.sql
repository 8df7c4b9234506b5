-- The lines of the piece that is parsed next, as rows.
CREATE OR REPLACE TEMP VIEW read_rows AS
SELECT unnest(lines) AS line, generate_subscripts(lines, 1) - 1 AS place
FROM (SELECT string_split(content, chr(10)) AS lines FROM piece);
