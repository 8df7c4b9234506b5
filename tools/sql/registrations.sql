-- Requests to the registration endpoints, and how many succeeded.
SELECT count(*) AS requests, count(*) FILTER (WHERE status BETWEEN 200 AND 299) AS succeeded
FROM requests
WHERE ts >= $start AND ts < $end AND list_contains($endpoints, method || ' ' || route);
