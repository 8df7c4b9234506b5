-- The five levels, from the words of logging libraries, the numbers of syslog (0-7) and those of pino (10-60).
CREATE OR REPLACE TEMP MACRO level_of(written) AS
    CASE
        WHEN lower(trim(written)) IN ('debug', 'dbg', 'trace', 'verbose', 'fine', 'finer', 'finest', '7', '10', '20', 'd')
            THEN 'debug'
        WHEN lower(trim(written)) IN ('info', 'information', 'informational', 'inf', 'notice', 'default', '5', '6', '30', 'i')
            THEN 'info'
        WHEN lower(trim(written)) IN ('warning', 'warn', 'wrn', '4', '40', 'w') THEN 'warning'
        WHEN lower(trim(written)) IN ('error', 'err', 'severe', '3', '50', 'e') THEN 'error'
        WHEN lower(trim(written)) IN (
            'critical', 'crit', 'fatal', 'ftl', 'panic', 'alert', 'emergency', 'emerg', '0', '1', '2', '60', 'c', 'f'
        ) THEN 'critical'
    END;

-- A message with what differs between lines alike as <*>: quoted values, addresses, ids, numbers.
-- In this order: what is quoted may hold anything; what is an address or an id holds numbers.
CREATE OR REPLACE TEMP MACRO without_values(message) AS
    regexp_replace(
        regexp_replace(
            regexp_replace(message, '"[^"]*"|`[^`]*`', '<*>', 'g'),
            '(^|[\s=:,(\[{])''[^'']*''', '\1<*>', 'g'
        ),
        '[a-z][a-z0-9+.-]*://[^\s,;)\]}>]+|[^\s@<>=,;:(]+@[^\s@<>,;:)]+\.[A-Za-z]{2,}', '<*>', 'g'
    );
CREATE OR REPLACE TEMP MACRO without_ids(message) AS
    regexp_replace(
        regexp_replace(
            message,
            '\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?'
            || '|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b'
            || '|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b'
            || '|\b0x[0-9a-fA-F]+\b',
            '<*>', 'g'
        ),
        -- words with two digits or more: req7f3a9c, sha256:9f86d0; and names that are counted: user_7, api-3
        '\b[A-Za-z]*\d\w*\d\w*\b|\b[A-Za-z]+[_-]\d+\b', '<*>', 'g'
    );
CREATE OR REPLACE TEMP MACRO without_numbers(message) AS
    regexp_replace(
        regexp_replace(message, '[-+]?\b\d+(?:[.,]\d+)*(?:%|[a-zµ]{1,2}\b|[KMGT]i?B?\b|B\b)?', '<*>', 'g'),
        '<\*>(?:(?:, ?|[.:/_-])?<\*>)+', '<*>', 'g'
    );
CREATE OR REPLACE TEMP MACRO template_of(message) AS
    left(without_numbers(without_ids(without_values(message))), 300);
