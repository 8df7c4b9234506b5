-- Whether the whole log, in or out of the window, has a request to a registration endpoint.
SELECT DISTINCT method, route
FROM requests
WHERE ts < $end AND ts >= $start AND list_contains($endpoints, method || ' ' || route);
