//! What holds for every API: these run against the fake one and a real one.
#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

pub(crate) mod api;
mod applying;
mod seeing;
mod waiting;
mod writing;

pub(crate) use api::Api;
pub(crate) use applying::*;
pub(crate) use seeing::*;
pub(crate) use waiting::*;
pub(crate) use writing::*;

/// Calls a macro with the names of all of them.
macro_rules! each {
    ($tests:ident) => {
        $tests! {
            a_service_appears_changes_and_vanishes,
            a_service_that_is_there_is_seen_at_once,
            other_types_are_no_backends,
            the_name_of_a_load_balancer_is_resolved,
            the_host_list_changes,
            what_is_in_no_namespace_is_absent,
            a_wrong_token_is_not_accepted,
            services_are_listed,
            a_service_is_waited_for,
            a_deployment_is_waited_for,
            a_daemon_set_is_waited_for,
            a_pod_is_waited_for,
            a_deletion_is_waited_for,
            what_did_not_come_is_told,
            warnings_are_told,
            writes_are_refused_as_by_a_real_one,
            an_object_is_applied_read_and_deleted,
            what_another_manager_set_is_a_conflict,
            a_namespace_that_is_absent_is_named,
            a_kind_that_is_unknown_is_named,
            what_cannot_be_an_object_is_not_sent,
            an_api_that_answers_is_ready,
        }
    };
}
