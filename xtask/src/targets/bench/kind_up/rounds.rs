//! What is measured, round by round.

use super::answer::Measurement;
use super::bed::Bed;

/// What is found out, in seconds.
#[derive(Default)]
pub struct Rounds {
    bare: Vec<f64>,
    bare_ready: Vec<f64>,
    bare_delete: Vec<f64>,
    up: Vec<f64>,
    up_again: Vec<f64>,
    up_stopped: Vec<f64>,
    down: Vec<f64>,
}

impl Rounds {
    /// Makes and removes a cluster by kind alone, and one of ours after it.
    pub fn add(&mut self, bed: &Bed<'_>) -> anyhow::Result<()> {
        self.bare.push(bed.bare.create(false)?);
        bed.bare.delete()?;
        self.bare_ready.push(bed.bare.create(true)?);
        self.bare_delete.push(bed.bare.delete()?);
        let up = bed.up("created")?;
        self.up.push(up.seconds);
        self.up_again.push(bed.up("already")?.seconds);
        bed.stop(&up.nodes)?;
        self.up_stopped.push(bed.up("started")?.seconds);
        self.down.push(bed.down()?);
        Ok(())
    }

    /// The sum of it.
    pub fn measurements(&self) -> anyhow::Result<Vec<Measurement>> {
        let [bare, bare_ready, bare_delete] =
            [("bare", &self.bare), ("bare_ready", &self.bare_ready), ("bare_delete", &self.bare_delete)];
        Ok(vec![
            Measurement::new(bare, "`kind create cluster`, which returns before the node is ready")?,
            Measurement::new(bare_ready, "`kind create cluster --wait 5m`, which waits for the node alone")?,
            Measurement::new(
                ("up", &self.up),
                "`kind up` from nothing, until API, nodes and system pods are ready",
            )?
            .beside(bare)?
            .beside(bare_ready)?,
            Measurement::new(("up_again", &self.up_again), "`kind up` where all is as it shall be")?
                .beside(bare_ready)?,
            Measurement::new(
                ("up_stopped", &self.up_stopped),
                "`kind up` after `docker stop` of the nodes, until all is ready again",
            )?
            .beside(bare_ready)?,
            Measurement::new(bare_delete, "`kind delete cluster`")?,
            Measurement::new(("down", &self.down), "`kind down`")?.beside(bare_delete)?,
        ])
    }
}
