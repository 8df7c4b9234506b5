-- One path template of the settings, on the paths that none before it matched.
UPDATE paths SET route = $template, by_settings = true
WHERE NOT by_settings AND regexp_matches(path, $pattern);
