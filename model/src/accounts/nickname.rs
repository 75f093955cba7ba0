//! Nicknames: offered ones such as "용감한 수달", and the masked form for the public board.

use unicode_segmentation::UnicodeSegmentation;

const MANNERS: [&str; 32] = [
    "용감한",
    "느긋한",
    "반짝이는",
    "성실한",
    "날쌘",
    "고요한",
    "다정한",
    "씩씩한",
    "포근한",
    "엉뚱한",
    "상냥한",
    "부지런한",
    "말랑한",
    "명랑한",
    "차분한",
    "든든한",
    "새침한",
    "수줍은",
    "화사한",
    "당당한",
    "폭신한",
    "영리한",
    "느린",
    "재빠른",
    "졸린",
    "배고픈",
    "신나는",
    "조용한",
    "푸른",
    "따뜻한",
    "시원한",
    "동그란",
];
const ANIMALS: [&str; 32] = [
    "수달",
    "고래",
    "여우",
    "두더지",
    "다람쥐",
    "사슴",
    "너구리",
    "고슴도치",
    "펭귄",
    "오리",
    "토끼",
    "부엉이",
    "물개",
    "참새",
    "햄스터",
    "거북이",
    "판다",
    "코알라",
    "돌고래",
    "해달",
    "두루미",
    "청설모",
    "알파카",
    "카피바라",
    "나무늘보",
    "북극곰",
    "제비",
    "도롱뇽",
    "반딧불이",
    "무당벌레",
    "미어캣",
    "담비",
];

/// A nickname to offer, chosen by `n`; beyond the 1,024 plain ones a number follows.
pub fn suggest(n: u64) -> String {
    let manner = MANNERS[(n % 32) as usize];
    let animal = ANIMALS[(n / 32 % 32) as usize];
    match n / 1024 {
        0 => format!("{manner} {animal}"),
        number => format!("{manner} {animal} {number}"),
    }
}

/// The first character and as many asterisks as follow, at most three: enough for its owner to know it.
pub fn mask(nickname: &str) -> String {
    let mut letters = nickname.graphemes(true);
    let first = letters.next().into_iter();
    first.chain(letters.take(3).map(|_| "*")).collect()
}

/// The first character of a name as it is shown, as people see it: what stands in the place of a picture.
pub fn initial(shown: &str) -> &str {
    shown.graphemes(true).next().unwrap_or_default()
}

/// How many tints there are.
pub const TINTS: usize = 6;

/// On which tint that stands. Of a name as it is shown: a masked one tells nothing of the whole.
pub fn tint(shown: &str) -> usize {
    shown.bytes().map(usize::from).sum::<usize>() % TINTS
}

#[cfg(test)]
mod tests {
    #[test]
    fn suggestions_are_distinct_and_valid() {
        let all: std::collections::HashSet<_> = (0..5000).map(super::suggest).collect();
        assert_eq!(all.len(), 5000);
        assert!(all.iter().all(|name| crate::text::nickname(name).is_ok()));
    }

    #[test]
    fn masks_hide_all_but_the_first() {
        assert_eq!(super::mask("용감한 수달"), "용***");
        assert_eq!(super::mask("ab"), "a*");
        assert_eq!(super::mask("\u{1109}\u{116E}\u{1103}\u{1161}\u{11AF}"), "\u{1109}\u{116E}*");
        assert_eq!(super::mask(""), "");
    }

    #[test]
    fn a_name_has_the_character_that_people_see_first() {
        for (name, first) in [("수달", "수"), ("otter", "o"), ("\u{1109}\u{116E}달", "\u{1109}\u{116E}"), ("", "")]
        {
            assert_eq!(super::initial(name), first);
        }
    }

    #[test]
    fn every_tint_is_somebodys() {
        let tints: std::collections::HashSet<_> = (0..100).map(|n| super::tint(&super::suggest(n))).collect();
        assert_eq!(tints.len(), super::TINTS);
        assert_eq!(super::tint(&super::mask("용감한 수달")), super::tint(&super::mask("용맹한 물개")));
    }
}
