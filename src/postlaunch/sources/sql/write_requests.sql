-- Every part, with folded routes, as the one staged file.
COPY (
    SELECT parts.* REPLACE (coalesce(folded.folder, parts.route) AS route)
    FROM read_parquet($parts) AS parts
    LEFT JOIN folded ON folded.method = parts.method AND folded.route = parts.route
) TO $staged (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
