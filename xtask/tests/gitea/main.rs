//! What Gitea answers, asked of the stand-in and, by the same tests, of a real
//! one: so what is tested with the stand-in alone holds, too.
#![allow(clippy::unwrap_used, reason = "tests panic")]
#![allow(clippy::disallowed_methods, reason = "tests read the environment and start git")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod answer;
mod bed;
mod crowd;
mod faults;
mod git;
mod history;
mod killed;
mod left_tokens;
mod push;
mod refs;
mod refused;
mod repositories;
mod seeder;
mod seeding;
mod tokens;

/// Each test twice.
macro_rules! both {
    ($($module:ident: $($test:ident),+;)+) => {
        mod stand_in {
            $($(
                #[test]
                fn $test() {
                    crate::$module::$test(&crate::bed::Bed::stand_in());
                }
            )+)+
        }

        mod real {
            $($(
                #[test]
                #[ignore = "needs a Gitea"]
                fn $test() {
                    crate::$module::$test(&crate::bed::Bed::real());
                }
            )+)+
        }
    };
}

both! {
    accounts:
        an_account_is_made_once,
        an_account_with_a_bad_name_or_password_is_refused,
        only_an_administrator_makes_accounts,
        a_new_account_must_change_its_password,
        a_password_is_changed_by_an_administrator,
        who_is_an_administrator_is_set_and_told,
        wrong_credentials_are_refused_everywhere;
    tokens:
        a_token_is_told_once,
        a_token_needs_a_name_of_its_own_and_a_scope,
        a_token_is_given_for_basic_credentials_alone,
        a_token_is_no_other_users_business,
        a_token_is_for_its_scopes,
        a_token_is_removed_by_name_or_id;
    repositories:
        a_repository_is_made_once,
        a_repository_with_a_bad_name_is_refused,
        a_repository_is_made_for_somebody_else,
        a_private_repository_is_absent_for_others,
        a_renamed_repository_has_moved,
        an_archived_repository_says_so,
        a_branch_is_protected_once;
    refs:
        a_push_needs_credentials,
        an_absent_repository_is_told_apart,
        a_scope_counts_in_basic_credentials_alone,
        a_moved_or_archived_repository_refuses_a_push,
        a_wrong_service_or_type_is_refused;
    push:
        a_push_is_cloned_and_shown,
        a_protected_branch_is_refused_in_the_report,
        a_reader_is_refused_in_the_report;
    seeding:
        the_first_makes_the_repository_and_the_second_sends_nothing,
        what_is_cloned_is_what_was_released,
        only_what_the_server_lacks_is_sent,
        verifying_names_what_differs,
        the_status_tells_what_is_there,
        a_dry_run_changes_nothing,
        a_token_will_do_in_place_of_the_password;
    history:
        the_commit_of_a_person_stays_below,
        the_same_archive_becomes_the_same_commit,
        a_branch_of_another_name_is_seeded_alone;
    refused:
        a_wrong_password_is_told,
        a_token_that_may_not_write_is_told,
        a_repository_of_somebody_else_is_told,
        an_owner_that_does_not_exist_is_told,
        an_archived_repository_is_told,
        a_protected_branch_is_told,
        a_renamed_repository_is_told,
        a_foreign_authority_is_told;
    crowd:
        of_a_hundred_at_once_each_lands_once_or_conflicts;
    killed:
        a_seeding_killed_at_any_moment_leaves_the_branch_whole;
    left_tokens:
        what_a_killed_call_left_is_taken_back_a_day_later;
}
