-- Requests by status, of those answered with an error.
SELECT status, count(*) AS requests, sum(count(*)) OVER () AS errors
FROM requests
WHERE ts >= $start AND ts < $end AND status >= 400
GROUP BY status
ORDER BY requests DESC, status;
