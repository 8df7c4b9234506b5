-- Endpoints printed under their own name: the busiest. The rest fall under their first segment, "/blog/*", and
-- where there are too many of those under "/*", so that a scanner's million paths stay a handful of endpoints.
CREATE TEMP TABLE endpoints AS
SELECT
    method,
    route,
    CASE WHEN starts_with(route, '/') THEN '/' || split_part(route, '/', 2) || '/*' ELSE '/*' END AS folder,
    count(*) AS requests,
    row_number() OVER (ORDER BY count(*) DESC, method, route) <= $kept AS kept
FROM read_parquet($parts)
GROUP BY method, route;
