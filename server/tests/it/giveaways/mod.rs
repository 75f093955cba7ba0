//! After the click: the winner's form and its deadline, passing on, taking out, sending, the creator's table.

mod claims;
mod entrants;
mod passing_on;
