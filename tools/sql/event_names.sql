-- Every kind of event in a span, most frequent first.
SELECT event, count(*) AS events, count(DISTINCT person) AS users, count(person) AS with_user
FROM events
WHERE ts >= $start AND ts < $end
GROUP BY event
ORDER BY events DESC, event;
