-- How many events there are in a span, and how many of them name no user.
SELECT count(*) AS events, count(*) - count(person) AS without_user
FROM events
WHERE ts >= $start AND ts < $end;
