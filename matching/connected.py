"""Connected components on a Spark cluster, by Splink's own clustering.

Here: components alone, so that whole ones can be dealt to tasks. Not here: clusters, which a task makes of its
components as a single machine does (clustering).
"""

from pathlib import Path
from typing import Any


def connected(session: Any, edges: str, output: str, folder: Path) -> None:
    """Create Spark's view `output(record_key, component)` of the records at the ends of the view `edges`.

    `edges` has record_key_l and record_key_r; what Splink works out between is left in `folder`.
    """
    from splink.backends.spark import SparkAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    session.sparkContext.setCheckpointDir(str(folder))
    api = SparkAPI(spark_session=session, break_lineage_method="parquet", register_udfs_automatically=False)
    nodes = session.sql(f"SELECT record_key_l AS record_key FROM {edges} UNION SELECT record_key_r FROM {edges}")
    found = cluster_pairwise_predictions_at_threshold(
        nodes, session.table(edges), api, "record_key", "record_key_l", "record_key_r"
    )
    clusters = found.as_spark_dataframe().withColumnRenamed("cluster_id", "component")
    clusters.createOrReplaceTempView(output)
