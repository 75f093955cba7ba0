//! The part of the creator's form that says what is sold: a deal's goods, or rights of entry to a place.

use super::EventForm;
use model::{
    Checkout, Coordinates, DAY, Error, FieldError, FormErrors, Kind, Offer, RefundFees, Span, Time,
    sales::{needs_confirming, price_each},
    text,
};

/// The highest price, in whole won.
const MAX_PRICE: i64 = 100_000_000;
/// The most units of one sale.
const MAX_UNITS: i64 = 1_000_000;
/// The most units of one person.
const MAX_LIMIT: i64 = 100;
/// The most pictures that show goods in detail.
pub(super) const MAX_DETAILS: usize = 8;
/// How long a deal is open at most: lists of a day look no further back.
pub(super) const DEAL_LASTS: Span = DAY.times(7);
/// How far ahead what a ticket is for may begin.
const TICKET_HORIZON: Span = DAY.times(2 * 365);
/// How many minutes there may be to pay.
const MINUTES: (i64, i64) = (3, 24 * 60);

/// As typed, field by field; all of it empty for a giveaway.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct SaleForm {
    /// Name of the kind; empty is a giveaway.
    pub kind: String,
    pub list_price: String,
    pub discount: String,
    pub stock: String,
    pub delivery: String,
    /// Addresses of the detail pictures that it has.
    pub details: Vec<String>,
    pub place: String,
    pub address: String,
    /// Degrees north and east: `37.5446, 127.0559`.
    pub coordinates: String,
    pub starts_at: String,
    pub seats: String,
    pub price: String,
    /// What giving back costs, in percent, the earliest first; none is the usual table.
    pub refunds: Vec<String>,
    pub limit: String,
    pub minutes: String,
    pub at_once: String,
    /// What was confirmed: see [`SaleForm::confirm`].
    pub confirmed: String,
}

impl EventForm {
    /// What is released.
    pub(super) fn offer(&self, errors: &mut FormErrors, now: Time) -> Option<Offer> {
        let kind = if self.sale.kind.is_empty() { Some(Kind::Giveaway) } else { Kind::named(&self.sale.kind) };
        match kind {
            Some(Kind::Giveaway) => Some(Offer::Giveaway { prizes: self.prizes(errors) }),
            Some(Kind::Deal) => self.sale.deal(errors),
            Some(Kind::Ticket) => self.sale.ticket(errors, text::local_time(&self.closes_at).ok(), now),
            None => errors.check("kind", Err(FieldError::Invalid)),
        }
    }
}

impl EventForm {
    /// What a draft releases, as far as it was typed. What begins without a time begins when the sale closes.
    pub(super) fn drafted(&self, errors: &mut FormErrors, closes_at: Time) -> Offer {
        let sale = &self.sale;
        let mut number = |name, typed: &str, max| match typed.trim() {
            "" => 0,
            typed => errors.check(name, text::number(typed, 0, max)).unwrap_or_default(),
        };
        match Kind::named(&sale.kind) {
            Some(Kind::Deal) => {
                let list_price = number("list_price", &sale.list_price, MAX_PRICE);
                let discount = number("discount", &sale.discount, 99);
                let stock = number("stock", &sale.stock, MAX_UNITS) as u64;
                let limit = number("limit", &sale.limit, MAX_LIMIT) as u64;
                let delivery = errors.check("delivery", text::paragraph(&sale.delivery, 0, 300)).unwrap_or_default();
                let checkout = sale.checkout(errors, None).unwrap_or_default();
                let details = sale.details.clone();
                Offer::Deal { list_price, discount, stock, limit, delivery, checkout, details }
            }
            Some(Kind::Ticket) => {
                let seats = number("seats", &sale.seats, MAX_UNITS) as u64;
                let price = number("price", &sale.price, MAX_PRICE);
                let limit = number("limit", &sale.limit, MAX_LIMIT) as u64;
                let starts_at = match sale.starts_at.trim() {
                    "" => closes_at,
                    typed => errors.check("starts_at", text::local_time(typed)).unwrap_or(closes_at),
                };
                Offer::Ticket {
                    place: errors.check("place", text::line(&sale.place, 0, 60)).unwrap_or_default(),
                    address: errors.check("address", text::line(&sale.address, 0, 100)).unwrap_or_default(),
                    coordinates: errors.check("coordinates", coordinates(&sale.coordinates)).flatten(),
                    starts_at,
                    seats,
                    price,
                    limit,
                    checkout: sale.checkout(errors, None).unwrap_or_default(),
                    refunds: sale.refunds(errors).unwrap_or_default(),
                }
            }
            _ => Offer::Giveaway { prizes: self.drafted_prizes(errors) },
        }
    }
}

impl SaleForm {
    fn deal(&self, errors: &mut FormErrors) -> Option<Offer> {
        let list_price = errors.check("list_price", text::number(&self.list_price, 1, MAX_PRICE));
        let discount = if self.discount.trim().is_empty() { "0" } else { self.discount.as_str() };
        let discount = errors.check("discount", text::number(discount, 0, 99));
        let stock = errors.check("stock", text::number(&self.stock, 1, MAX_UNITS));
        let limit = self.limit(errors, stock);
        let delivery = errors.check("delivery", text::paragraph(&self.delivery, 1, 300));
        let checkout = self.checkout(errors, stock);
        if self.details.len() > MAX_DETAILS {
            errors.add("details", FieldError::TooLong { max: MAX_DETAILS as u64 });
        }
        let offer = Offer::Deal {
            list_price: list_price?,
            discount: discount?,
            stock: stock? as u64,
            limit: limit?,
            delivery: delivery?,
            checkout: checkout?,
            details: self.details.clone(),
        };
        if price_each(&offer) == 0 {
            // What is given away is a giveaway.
            errors.add("discount", FieldError::Invalid);
        }
        Some(offer)
    }

    fn ticket(&self, errors: &mut FormErrors, closes_at: Option<Time>, now: Time) -> Option<Offer> {
        let place = errors.check("place", text::line(&self.place, 1, 60));
        let address = errors.check("address", text::line(&self.address, 2, 100));
        let coordinates = errors.check("coordinates", coordinates(&self.coordinates));
        let starts_at = errors.check("starts_at", text::local_time(&self.starts_at));
        if let Some(starts_at) = starts_at {
            if starts_at <= now {
                errors.add("starts_at", FieldError::InPast);
            } else if closes_at.is_some_and(|closes_at| starts_at < closes_at) {
                errors.add("starts_at", FieldError::BeforeClosing);
            } else if starts_at > now + TICKET_HORIZON {
                errors.add("starts_at", FieldError::OutOfRange { min: 0, max: TICKET_HORIZON / DAY });
            }
        }
        let seats = errors.check("seats", text::number(&self.seats, 1, MAX_UNITS));
        let price = errors.check("price", text::number(&self.price, 0, MAX_PRICE));
        let limit = self.limit(errors, seats);
        let checkout = self.checkout(errors, seats);
        let refunds = self.refunds(errors);
        Some(Offer::Ticket {
            place: place?,
            address: address?,
            coordinates: coordinates?,
            starts_at: starts_at?,
            seats: seats? as u64,
            price: price?,
            limit: limit?,
            checkout: checkout?,
            refunds: refunds?,
        })
    }

    fn limit(&self, errors: &mut FormErrors, units: Option<i64>) -> Option<u64> {
        let most = units.map_or(MAX_LIMIT, |units| units.min(MAX_LIMIT));
        errors.check("limit", text::number(&self.limit, 1, most)).map(|limit| limit as u64)
    }

    fn checkout(&self, errors: &mut FormErrors, units: Option<i64>) -> Option<Checkout> {
        let optional = |text: &str, (min, max): (i64, i64)| {
            if text.trim().is_empty() { Ok(None) } else { text::number(text, min, max).map(|n| Some(n as u32)) }
        };
        let minutes = errors.check("minutes", optional(&self.minutes, MINUTES));
        let at_once = errors.check("at_once", optional(&self.at_once, (1, units.unwrap_or(MAX_UNITS))));
        if let (Some(None), Some(Some(_))) = (minutes, at_once) {
            // Whoever waits behind them is to know how long that may take.
            errors.add("minutes", FieldError::Required);
        }
        Some(Checkout { minutes: minutes?, at_once: at_once? })
    }

    fn refunds(&self, errors: &mut FormErrors) -> Option<RefundFees> {
        let RefundFees(usual) = RefundFees::default();
        if self.refunds.is_empty() {
            return Some(RefundFees(usual));
        }
        let mut fees = usual;
        let mut good = self.refunds.len() == usual.len();
        if !good {
            errors.add("refunds", FieldError::Invalid);
        }
        for ((fee, typed), most) in fees.iter_mut().zip(&self.refunds).zip(usual) {
            // Only kinder than the usual table.
            match errors.check("refunds", text::number(typed, 0, most.into())) {
                Some(typed) => *fee = typed as u8,
                None => good = false,
            }
        }
        good.then_some(RefundFees(fees))
    }

    /// What may still be changed of a sale that has opened: more units.
    pub(super) fn opened(&self, before: &Offer, errors: &mut FormErrors) -> Offer {
        let mut after = before.clone();
        let (name, typed, units) = match &mut after {
            Offer::Deal { stock, .. } => ("stock", &self.stock, stock),
            Offer::Ticket { seats, .. } => ("seats", &self.seats, seats),
            Offer::Giveaway { .. } => return after,
        };
        if !typed.trim().is_empty()
            && let Some(more) = errors.check(name, text::number(typed, *units as i64, MAX_UNITS))
        {
            *units = more as u64;
        }
        // A form from before the opening has more fields: rather refused than half of it passed over.
        let number = |typed: &str, is: i64| text::number(typed, i64::MIN, i64::MAX) == Ok(is);
        let same = match before {
            Offer::Deal { list_price, discount, limit, delivery, .. } => vec![
                ("list_price", &self.list_price, number(&self.list_price, *list_price)),
                ("discount", &self.discount, number(&self.discount, *discount)),
                ("limit", &self.limit, number(&self.limit, *limit as i64)),
                ("delivery", &self.delivery, text::paragraph(&self.delivery, 0, 300).as_ref() == Ok(delivery)),
            ],
            Offer::Ticket { place, address, starts_at, price, limit, .. } => vec![
                ("place", &self.place, text::line(&self.place, 0, 60).as_ref() == Ok(place)),
                ("address", &self.address, text::line(&self.address, 0, 100).as_ref() == Ok(address)),
                ("starts_at", &self.starts_at, text::local_time(&self.starts_at) == Ok(*starts_at)),
                ("price", &self.price, number(&self.price, *price)),
                ("limit", &self.limit, number(&self.limit, *limit as i64)),
            ],
            Offer::Giveaway { .. } => Vec::new(),
        };
        for (name, typed, is_same) in same {
            if !typed.trim().is_empty() && !is_same {
                errors.add(name, FieldError::Fixed);
            }
        }
        after
    }

    /// Asks once more about a price that looks like a mistake, unless exactly this one was confirmed: its price and how many, as
    /// `2700x300`. `before` is what is public already.
    ///
    /// # Errors
    /// [`FieldError::Confirm`] of the field `confirmed`.
    pub(super) fn confirm(&self, offer: &Offer, before: Option<&Offer>) -> Result<(), Error> {
        let asked = |offer: &Offer| (price_each(offer), offer.capacity());
        let (price, count) = asked(offer);
        let known = before.is_some_and(|before| asked(before) == (price, count));
        if known || !needs_confirming(offer) || self.confirmed == format!("{price}x{count}") {
            return Ok(());
        }
        let mut errors = FormErrors::default();
        errors.add("confirmed", FieldError::Confirm { price, count: count as i64 });
        errors.into_result()
    }
}

/// A place on Earth, when one is given.
fn coordinates(typed: &str) -> Result<Option<Coordinates>, FieldError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let mut parts = typed.split([',', ' ']).filter(|part| !part.is_empty()).map(str::parse::<f64>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(latitude)), Some(Ok(longitude)), None)
            if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) =>
        {
            Ok(Some(Coordinates { latitude, longitude }))
        }
        _ => Err(FieldError::Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{EventDraft, HOUR};

    const NOW: Time = Time(1_795_258_800_000_000);

    fn form(sale: SaleForm) -> EventForm {
        EventForm {
            title: "핸드메이드 머그 2인 세트".into(),
            category: "living".into(),
            opens_at: (NOW + HOUR).to_local(),
            closes_at: (NOW + 2 * HOUR).to_local(),
            sale,
            ..EventForm::default()
        }
    }

    fn deal() -> SaleForm {
        SaleForm {
            kind: "deal".into(),
            list_price: "27,000".into(),
            discount: "45".into(),
            stock: "300".into(),
            limit: "2".into(),
            delivery: "이틀 안에 보내요".into(),
            minutes: "10".into(),
            at_once: "50".into(),
            details: vec!["/pictures/1/detail.jpg".into()],
            ..SaleForm::default()
        }
    }

    fn ticket() -> SaleForm {
        SaleForm {
            kind: "ticket".into(),
            place: "만권책방".into(),
            address: "서울 성동구 왕십리로 100".into(),
            coordinates: "37.5446, 127.0559".into(),
            starts_at: (NOW + 48 * HOUR).to_local(),
            seats: "40".into(),
            price: "0".into(),
            limit: "2".into(),
            refunds: ["0", "0", "10", "20", "50"].map(String::from).into(),
            ..SaleForm::default()
        }
    }

    fn made(sale: SaleForm) -> EventDraft {
        form(sale).check(NOW, None).unwrap()
    }

    /// What is wrong with a form first.
    fn wrong(mut sale: SaleForm, change: impl FnOnce(&mut SaleForm)) -> (String, FieldError) {
        change(&mut sale);
        match form(sale).check(NOW, None) {
            Err(Error::Invalid { fields }) => fields.0[0].clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn good_forms_make_what_they_say() {
        let offer = made(deal()).offer;
        assert_eq!((price_each(&offer), offer.capacity(), offer.kind()), (14_850, 300, Kind::Deal));
        let Offer::Deal { checkout, details, .. } = offer else { panic!() };
        assert_eq!((checkout.minutes, checkout.at_once, details.len()), (Some(10), Some(50), 1));
        let Offer::Ticket { price, seats, coordinates, refunds, checkout, .. } = made(ticket()).offer else { panic!() };
        assert_eq!((price, seats, refunds), (0, 40, RefundFees([0, 0, 10, 20, 50])));
        assert_eq!(coordinates, Some(Coordinates { latitude: 37.5446, longitude: 127.0559 }));
        assert_eq!(checkout, Checkout::default());
        let usual = made(SaleForm { refunds: Vec::new(), coordinates: String::new(), ..ticket() });
        let Offer::Ticket { refunds, coordinates, .. } = usual.offer else { panic!() };
        assert_eq!((refunds, coordinates), (RefundFees::default(), None));
        let plain =
            made(SaleForm { discount: String::new(), minutes: String::new(), at_once: String::new(), ..deal() });
        assert_eq!(price_each(&plain.offer), 27_000);
    }

    #[test]
    fn each_bad_field_of_a_deal_says_why() {
        let range = |min, max| FieldError::OutOfRange { min, max };
        let of = |name: &str, error| (name.to_owned(), error);
        assert_eq!(wrong(deal(), |f| f.kind = "auction".into()), of("kind", FieldError::Invalid));
        for (typed, error) in [
            ("0", range(1, MAX_PRICE)),
            ("", FieldError::Required),
            ("-5", range(1, MAX_PRICE)),
            ("12.5", FieldError::Invalid),
            ("100000001", range(1, MAX_PRICE)),
            ("99999999999999999999", FieldError::Invalid),
        ] {
            assert_eq!(wrong(deal(), |f| f.list_price = typed.into()), of("list_price", error), "{typed}");
        }
        assert_eq!(wrong(deal(), |f| f.discount = "100".into()), of("discount", range(0, 99)));
        assert_eq!(wrong(deal(), |f| f.discount = "-1".into()), of("discount", range(0, 99)));
        let nothing = wrong(deal(), |f| (f.list_price, f.discount) = ("9".into(), "90".into()));
        assert_eq!(nothing, of("discount", FieldError::Invalid), "less than a won is left");
        assert_eq!(wrong(deal(), |f| f.stock = "0".into()), of("stock", range(1, MAX_UNITS)));
        assert_eq!(wrong(deal(), |f| f.stock = "1000001".into()), of("stock", range(1, MAX_UNITS)));
        assert_eq!(wrong(deal(), |f| f.limit = "0".into()), of("limit", range(1, 100)));
        assert_eq!(wrong(deal(), |f| f.limit = "101".into()), of("limit", range(1, 100)));
        let few = wrong(deal(), |f| (f.stock, f.limit, f.at_once) = ("3".into(), "4".into(), String::new()));
        assert_eq!(few, of("limit", range(1, 3)), "nobody may take more than there is");
        assert_eq!(wrong(deal(), |f| f.delivery = " ".into()), of("delivery", FieldError::Required));
        assert_eq!(wrong(deal(), |f| f.minutes = "2".into()), of("minutes", range(3, 1440)));
        assert_eq!(wrong(deal(), |f| f.minutes = "1441".into()), of("minutes", range(3, 1440)));
        assert_eq!(wrong(deal(), |f| f.at_once = "0".into()), of("at_once", range(1, 300)));
        assert_eq!(wrong(deal(), |f| f.at_once = "301".into()), of("at_once", range(1, 300)));
        assert_eq!(wrong(deal(), |f| f.minutes = String::new()), of("minutes", FieldError::Required));
        let nine = wrong(deal(), |f| f.details = vec!["/pictures/1/detail.jpg".into(); 9]);
        assert_eq!(nine, of("details", FieldError::TooLong { max: 8 }));
        let long = EventForm { closes_at: (NOW + 9 * 24 * HOUR).to_local(), ..form(deal()) };
        let Err(Error::Invalid { fields }) = long.check(NOW, None) else { panic!() };
        assert_eq!(fields.of("closes_at"), Some(&range(1, 7)));
    }

    #[test]
    fn each_bad_field_of_a_ticket_says_why() {
        let range = |min, max| FieldError::OutOfRange { min, max };
        let of = |name: &str, error| (name.to_owned(), error);
        assert_eq!(wrong(ticket(), |f| f.place = String::new()), of("place", FieldError::Required));
        assert_eq!(wrong(ticket(), |f| f.address = "x".into()), of("address", FieldError::TooShort { min: 2 }));
        for typed in ["37.5", "91, 127", "37, 181", "nan, 1", "37,127,1", "북위 37도"] {
            let refused = wrong(ticket(), |f| f.coordinates = typed.into());
            assert_eq!(refused, of("coordinates", FieldError::Invalid), "{typed}");
        }
        assert_eq!(wrong(ticket(), |f| f.starts_at = NOW.to_local()), of("starts_at", FieldError::InPast));
        let early = wrong(ticket(), |f| f.starts_at = (NOW + 90 * model::MINUTE).to_local());
        assert_eq!(early, of("starts_at", FieldError::BeforeClosing));
        let far = wrong(ticket(), |f| f.starts_at = (NOW + 731 * DAY).to_local());
        assert_eq!(far, of("starts_at", range(0, 730)));
        assert_eq!(wrong(ticket(), |f| f.starts_at = "곧".into()), of("starts_at", FieldError::Invalid));
        assert_eq!(wrong(ticket(), |f| f.seats = "0".into()), of("seats", range(1, MAX_UNITS)));
        assert_eq!(wrong(ticket(), |f| f.price = "-1".into()), of("price", range(0, MAX_PRICE)));
        assert_eq!(wrong(ticket(), |f| f.price = String::new()), of("price", FieldError::Required));
        assert_eq!(wrong(ticket(), |f| f.limit = "41".into()), of("limit", range(1, 40)));
        // Only kinder than the usual table.
        assert_eq!(wrong(ticket(), |f| f.refunds[1] = "11".into()), of("refunds", range(0, 10)));
        assert_eq!(wrong(ticket(), |f| f.refunds[0] = "1".into()), of("refunds", range(0, 0)));
        assert_eq!(wrong(ticket(), |f| f.refunds.truncate(4)), of("refunds", FieldError::Invalid));
    }

    #[test]
    fn a_price_that_looks_like_a_mistake_is_asked_about_once() {
        let usual = made(deal()).offer;
        assert_eq!(deal().confirm(&usual, None), Ok(()));
        let slip = SaleForm { discount: "90".into(), ..deal() };
        let offer = made(slip.clone()).offer;
        let Err(Error::Invalid { fields }) = slip.confirm(&offer, None) else { panic!() };
        assert_eq!(fields.of("confirmed"), Some(&FieldError::Confirm { price: 2_700, count: 300 }));
        let said = |confirmed: &str| SaleForm { confirmed: confirmed.into(), ..slip.clone() }.confirm(&offer, None);
        assert_eq!(said("2700x300"), Ok(()));
        assert!(said("yes").is_err() && said("2700x3000").is_err(), "only what was read back");
        // What is public like that was asked about when it became so.
        assert_eq!(slip.confirm(&offer, Some(&offer)), Ok(()));
        assert!(slip.confirm(&offer, Some(&usual)).is_err());
    }

    #[test]
    fn once_it_has_opened_only_units_are_added() {
        let opened = |draft: &EventDraft, sale: SaleForm| {
            EventForm { opens_at: String::new(), closes_at: String::new(), ..form(sale) }.check_opened(draft)
        };
        let first = |refused: Result<EventDraft, Error>| match refused {
            Err(Error::Invalid { fields }) => fields.0[0].clone(),
            other => panic!("{other:?}"),
        };
        let before = made(deal());
        let more = opened(&before, SaleForm { stock: "301".into(), ..SaleForm::default() }).unwrap();
        assert!(more.offer.capacity() == 301 && more.offer.extends(&before.offer));
        let fewer = first(opened(&before, SaleForm { stock: "299".into(), ..SaleForm::default() }));
        assert_eq!(fewer, ("stock".into(), FieldError::OutOfRange { min: 300, max: MAX_UNITS }));
        // A form that was loaded before the opening, with everything as it is, is taken.
        assert_eq!(opened(&before, deal()).unwrap(), EventDraft { title: before.title.clone(), ..before.clone() });
        for change in [
            |f: &mut SaleForm| f.list_price = "26000".into(),
            |f: &mut SaleForm| f.discount = "44".into(),
            |f: &mut SaleForm| f.limit = "3".into(),
            |f: &mut SaleForm| f.delivery = "나중에".into(),
        ] {
            let mut sale = deal();
            change(&mut sale);
            assert_eq!(first(opened(&before, sale)).1, FieldError::Fixed);
        }
        let before = made(ticket());
        let moved = SaleForm { starts_at: (NOW + 50 * HOUR).to_local(), ..SaleForm::default() };
        assert_eq!(first(opened(&before, moved)), ("starts_at".into(), FieldError::Fixed));
        let more = opened(&before, SaleForm { seats: "60".into(), ..SaleForm::default() }).unwrap();
        assert_eq!(more.offer.capacity(), 60);
    }
}
