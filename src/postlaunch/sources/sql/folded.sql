-- The endpoints that are counted under a folder, and under which.
CREATE TEMP TABLE folded AS
SELECT endpoints.method, endpoints.route, coalesce(folders.folder, '/*') AS folder
FROM endpoints
LEFT JOIN folders ON folders.method = endpoints.method AND folders.folder = endpoints.folder
WHERE NOT kept;
