SELECT
    set_config('default_transaction_isolation', 'read committed', false),
    set_config('synchronous_commit', 'off', false),
    set_config('postlaunch.run', %(run)s, false),
    set_config('postlaunch.token', %(token)s, false)
