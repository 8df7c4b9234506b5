DELETE FROM checkpoints
WHERE thread_id = :thread
  AND checkpoint_id < (
      SELECT max(newest.checkpoint_id)
      FROM checkpoints AS newest
      WHERE newest.thread_id = checkpoints.thread_id AND newest.checkpoint_ns = checkpoints.checkpoint_ns
  )
