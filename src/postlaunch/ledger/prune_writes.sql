DELETE FROM writes
WHERE thread_id = :thread
  AND NOT EXISTS (
      SELECT 1
      FROM checkpoints
      WHERE checkpoints.thread_id = writes.thread_id
        AND checkpoints.checkpoint_ns = writes.checkpoint_ns
        AND checkpoints.checkpoint_id = writes.checkpoint_id
  )
