-- The places of events whose id an earlier event has: the same event, delivered again.
CREATE OR REPLACE TEMP TABLE repeats AS
SELECT place
FROM (
    SELECT place, row_number() OVER (PARTITION BY id ORDER BY place) AS delivery
    FROM read_parquet($parts)
    WHERE id IS NOT NULL AND problem IS NULL
)
WHERE delivery > 1;
