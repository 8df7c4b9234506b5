-- By hand: of those whose day 1, 7 and 30 after their first event lies in the span, who came on that day, and who came
-- then or later.
WITH joined AS (SELECT person, min(day) AS first FROM events WHERE person IS NOT NULL AND day < $last GROUP BY person),
days AS (SELECT DISTINCT person, day FROM events WHERE person IS NOT NULL AND day >= $day AND day < $last),
asked AS (SELECT unnest([1, 7, 30]) AS n)
SELECT
    n,
    count(DISTINCT joined.person),
    count(DISTINCT joined.person) FILTER (WHERE days.day = joined.first + n),
    count(DISTINCT joined.person) FILTER (WHERE days.day IS NOT NULL)
FROM asked
JOIN joined ON joined.first >= $day - n AND joined.first < $last - n
LEFT JOIN days ON days.person = joined.person AND days.day >= joined.first + n
GROUP BY n
ORDER BY n;
