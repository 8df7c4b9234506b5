-- Endpoints by how many of their requests were answered with a status of a range.
SELECT
    method,
    route,
    count(*) AS requests,
    count(*) FILTER (WHERE status BETWEEN $low AND $high) AS errors
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY method, route
ORDER BY errors DESC, method, route;
