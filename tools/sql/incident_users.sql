-- Distinct users of a span, and how many of its requests name one.
SELECT count(DISTINCT user_id) AS users, count(user_id) AS with_user, count(*) AS requests
FROM requests
WHERE ts >= $start AND ts < $end;
