-- One incident's requests.
SELECT
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(DISTINCT user_id) FILTER (WHERE status >= 500) AS users,
    count(user_id) FILTER (WHERE status >= 500) AS with_user
FROM requests
WHERE ts >= $start AND ts < $end;
