//! Texts of wishes.

use crate::texts::{Lang, texts};

texts! {
    my_wishes: "찜한 것", "Wishes";
    wishes(n: count): "관심 {n}", "{n} wishing";
    wish_for(title): "찜하기: {title}", "Wish for {title}";
    wish: "찜하기", "Wish";
    wished: "찜했어요", "Wished for";
    wish_noted: "찜 목록을 바꿨어요.", "Your wishes were changed.";
    no_wishes: "아직 찜한 것이 없어요. 카드의 하트를 누르면 여기에 모여요.", "Nothing yet. Tap the heart on a card to keep it here.";
}
