//! How far kind is, by what it prints.

/// A phase of `kind create cluster`, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It looks at Docker and its configuration.
    #[default]
    Looking,
    /// The image is pulled unless it is there.
    Image,
    /// Containers are made and started.
    Nodes,
    /// Files are put into them.
    Configuration,
    /// `kubeadm init`.
    ControlPlane,
    /// The network of the pods.
    Cni,
    /// The provisioner of volumes.
    StorageClass,
    /// `kubeadm join`.
    Workers,
}

/// How kind 0.27 to 0.33 announce them (`create.go` and its actions).
const ANNOUNCED: [(&str, Phase); 8] = [
    ("Ensuring node image", Phase::Image),
    ("Preparing nodes", Phase::Nodes),
    ("Writing configuration", Phase::Configuration),
    ("Starting control-plane", Phase::ControlPlane),
    ("Installing CNI", Phase::Cni),
    ("Installing StorageClass", Phase::StorageClass),
    ("Joining worker nodes", Phase::Workers),
    ("Joining more control-plane nodes", Phase::Workers),
];

impl Phase {
    /// The phase that a line of kind's begins.
    pub fn begun_by(line: &str) -> Option<Self> {
        let announced = line.trim_start().strip_prefix('•')?.trim_start();
        ANNOUNCED.iter().find(|(words, _)| announced.starts_with(words)).map(|(_, phase)| *phase)
    }

    /// What happens in it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Looking => "looking at Docker",
            Self::Image => "getting the node image",
            Self::Nodes => "starting the nodes",
            Self::Configuration => "configuring the nodes",
            Self::ControlPlane => "starting the control plane",
            Self::Cni => "installing the pods' network",
            Self::StorageClass => "installing the storage class",
            Self::Workers => "joining the workers",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_what_kind_prints() {
        let said = include_str!("testdata/success.txt");
        let phases: Vec<Phase> = said.lines().filter_map(Phase::begun_by).collect();
        assert_eq!(
            phases,
            [
                Phase::Image,
                Phase::Nodes,
                Phase::Configuration,
                Phase::ControlPlane,
                Phase::Cni,
                Phase::StorageClass,
                Phase::Workers
            ]
        );
    }
}
