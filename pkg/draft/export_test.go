package draft

// SnapshotEvery makes snapshots due after so many updates, until restore.
func SnapshotEvery(updates int64) (restore func()) {
	was, settle := snapshotUpdates, settleUpdates
	snapshotUpdates, settleUpdates = updates, min(settle, updates)
	return func() { snapshotUpdates, settleUpdates = was, settle }
}
