-- The busiest folders of the endpoints that are not kept under their own name.
CREATE TEMP TABLE folders AS
SELECT method, folder FROM endpoints WHERE NOT kept
GROUP BY method, folder ORDER BY sum(requests) DESC, method, folder LIMIT $kept_folders;
