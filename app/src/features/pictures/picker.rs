//! The picture of an event, or of a member: picked, and cut to what is shown.

use crate::{boot::lang, components::words, forms::FormState, texts::number};
use leptos::{html, prelude::*};
use model::Crop;

/// The picture that was picked, and which part of it is shown.
#[derive(Clone, Copy)]
pub struct Picked {
    /// An address under which this page can show it.
    source: RwSignal<Option<String>>,
    /// What it had before anything was picked.
    first: StoredValue<Option<String>>,
    /// Its width and height in pixels, once it was read.
    size: RwSignal<Option<(u32, u32)>>,
    crop: RwSignal<Crop>,
    input: NodeRef<html::Input>,
}

/// x, y, width, height.
type Rectangle = (u32, u32, u32, u32);

impl Picked {
    /// The picture that there is, when there is one.
    pub fn new(source: Option<String>) -> Picked {
        Picked {
            first: StoredValue::new(source.clone()),
            source: RwSignal::new(source),
            size: RwSignal::new(None),
            crop: RwSignal::new(Crop::default()),
            input: NodeRef::new(),
        }
    }

    /// What is shown of it in a shape: its address, the part, its size.
    pub fn part(self, width: u32, height: u32) -> Option<(String, Rectangle, (u32, u32))> {
        let source = self.source.get()?;
        // A picture that is there already was cut before.
        let size = self.size.get().unwrap_or((width, height));
        Some((source, self.crop.get().part(size.0, size.1, width, height), size))
    }

    fn pick(self) {
        let file = self.input.get_untracked().and_then(|input| input.files()?.get(0));
        let picked = file.and_then(|file| web_sys::Url::create_object_url_with_blob(&file).ok());
        let before = self.source.get_untracked().filter(|source| source.starts_with("blob:"));
        if picked.is_none() && before.is_none() {
            return;
        }
        self.size.set(None);
        self.crop.set(Crop::default());
        self.source.set(picked.or_else(|| self.first.get_value()));
        if let Some(before) = before {
            let _ = web_sys::Url::revoke_object_url(&before);
        }
    }
}

/// A part of a picture.
#[component]
pub fn Part(source: String, part: Rectangle, size: (u32, u32)) -> impl IntoView {
    let (x, y, w, h) = part;
    view! {
        <svg class="part" viewBox=format!("{x} {y} {w} {h}") preserveAspectRatio="xMidYMid slice" aria-hidden="true">
            <image href=source width=size.0.to_string() height=size.1.to_string() preserveAspectRatio="none" />
        </svg>
    }
}

/// The field for a picture, with what is shown of it.
#[component]
pub fn PicturePicker(
    /// The picture.
    picked: Picked,
    /// Its form.
    form: FormState,
    /// Said when the form is shown again: a page cannot keep a file.
    again: Option<&'static str>,
    /// What it is cut to: width and height.
    #[prop(default = (1280, 720))]
    shape: (u32, u32),
    /// What the field is called, unless it is the picture.
    #[prop(optional)]
    label: Option<&'static str>,
    /// What is said under it, unless it is what holds for every picture.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Whether there must be one.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let t = lang();
    // What was picked before the browser's code had loaded.
    Effect::new(move |_| {
        if picked.input.get().is_some() {
            picked.pick();
        }
    });
    let measured = move |event: leptos::ev::Event| {
        let image = event_target::<web_sys::HtmlImageElement>(&event);
        picked.size.set(Some((image.natural_width(), image.natural_height())));
    };
    let slider = move |name: &'static str,
                       label: &'static str,
                       least: u32,
                       most: u32,
                       of: fn(&mut Crop) -> &mut u32| {
        let value = move || of(&mut picked.crop.get()).to_string();
        let slide = move |event| {
            let text = event_target_value(&event);
            picked.crop.update(|crop| *of(crop) = text.parse().unwrap_or(least).clamp(least, most));
        };
        view! {
            <label>
                <span>{label}</span>
                <input type="range" name=name min=least.to_string() max=most.to_string() prop:value=value value=value on:input=slide />
                <output inner_html=words(move || format!("{} %", number(of(&mut picked.crop.get()).to_owned().into()))) />
            </label>
        }
    };
    // Dragging the picture moves it under the frame.
    let drag = move |event: leptos::ev::PointerEvent| {
        let Some((_, (_, _, w, h), size)) = picked.part(shape.0, shape.1) else { return };
        if event.buttons() & 1 == 0 {
            return;
        }
        let frame = event_target::<web_sys::Element>(&event).get_bounding_client_rect();
        let moved = |by: i32, shown: f64, cut: u32, side: u32| match side - cut {
            0 => 0,
            room => -(f64::from(by) / shown.max(1.0) * f64::from(cut) / f64::from(room) * 100.0).round() as i32,
        };
        let (dx, dy) =
            (moved(event.movement_x(), frame.width(), w, size.0), moved(event.movement_y(), frame.height(), h, size.1));
        let within = |value: u32, by: i32| value.saturating_add_signed(by).min(100);
        picked.crop.update(|crop| (crop.x, crop.y) = (within(crop.x, dx), within(crop.y, dy)));
    };
    let fresh =
        Memo::new(move |_| picked.source.with(|source| source.as_ref().is_some_and(|s| s.starts_with("blob:"))));
    view! {
        <div class="field">
            <label for="picture">{label.unwrap_or_else(|| t.field_picture())}</label>
            <input node_ref=picked.input id="picture" type="file" name="picture" accept="image/jpeg,image/png,image/webp" required=required
                aria-describedby=move || form.field("picture").map_or("picture-hint", |_| "picture-error picture-hint")
                aria-invalid=move || form.field("picture").map(|_| "true")
                on:change=move |_| picked.pick() />
            {move || form.field("picture").map(|error| view! { <p class="note bad" id="picture-error">{t.field_error(&error)}</p> })}
            <p class="note" id="picture-hint">{again}" "{hint.unwrap_or_else(|| t.picture_hint())}</p>
            <fieldset class="crop" class:square={shape.0 == shape.1} class:hidden=move || !fresh.get()>
                <legend>{t.crop()}</legend>
                // Only to learn how large it is.
                <img class="hidden" alt="" src=move || picked.source.get().filter(|_| fresh.get()) on:load=measured />
                <div class="frame" on:pointermove=drag>
                    {move || picked.part(shape.0, shape.1).map(|(source, part, size)| view! { <Part source part size /> })}
                </div>
                {slider("crop_x", t.crop_x(), 0, 100, |crop| &mut crop.x)}
                {slider("crop_y", t.crop_y(), 0, 100, |crop| &mut crop.y)}
                {slider("crop_zoom", t.crop_zoom(), 100, Crop::ZOOM, |crop| &mut crop.zoom)}
            </fieldset>
        </div>
    }
}
