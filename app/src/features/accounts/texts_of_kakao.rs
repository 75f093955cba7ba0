//! Texts of signing in by Kakao.

use crate::texts::{Lang, texts};
use model::ways::KakaoFailure;

texts! {
    kakao: "카카오", "Kakao";
    kakao_sign_in: "카카오로 시작하기", "Continue with Kakao";
    kakao_or: "또는", "or";
    kakao_carries_nothing: "카카오로 로그인하면 적은 내용은 이어지지 않아요.", "Signing in with Kakao, what you typed does not go on.";
    kakao_title: "카카오로 처음 오셨네요", "Your first time with Kakao";
    kakao_known(email): "{email} 이메일로 가입한 계정이 있어요. 비밀번호를 한 번만 확인하고 카카오를 연결할게요.", "There is an account with {email}. Sign in with its password once, and Kakao is connected to it.";
    kakao_email(email): "{email} 이메일로 가입해요. 다음부터는 카카오로 바로 들어와요.", "You sign up with {email}. From then on Kakao lets you in.";
    kakao_no_email: "이메일 없이도 가입할 수 있어요. 다음부터는 카카오로 바로 들어와요.", "You can sign up without an email. From then on Kakao lets you in.";
    kakao_not_mine: "내 계정이 아니에요", "That account is not mine";
    kakao_without_email: "이 이메일 없이 새로 가입해요.", "You sign up anew, without this email.";
    kakao_have_account: "이미 계정이 있어요", "I have an account already";
    kakao_join_hint: "가입한 이메일과 비밀번호로 확인하면, 다음부터는 카카오로도 들어올 수 있어요.", "Confirm with the email and password of your account, and from then on Kakao lets you in as well.";
    kakao_join: "확인하고 연결하기", "Confirm and connect";
    kakao_cancelled: "카카오 로그인을 그만두었어요.", "You did not sign in with Kakao.";
    kakao_over: "시간이 지났거나 다른 브라우저에서 시작했어요. 한 번 더 해 주세요.", "It took too long, or was begun in another browser. Please try once more.";
    kakao_refused: "카카오의 답을 확인할 수 없었어요. 한 번 더 해 주세요.", "What Kakao answered could not be verified. Please try once more.";
    kakao_away: "지금 카카오와 연결되지 않아요. 잠시 뒤에 다시 해 주세요.", "Kakao cannot be reached right now. Please try again in a moment.";
    kakao_taken: "이 카카오 계정은 이미 다른 계정에 연결되어 있거나, 내 계정에 다른 카카오 계정이 연결되어 있어요.", "This Kakao account is connected to another account, or yours has another Kakao account.";
    kakao_earlier: "카카오에서 방금 로그인한 것이 아니라서 본인인지 확인하지 못했어요. 카카오에서 로그아웃한 뒤, 또는 다른 브라우저에서 한 번 더 해 주세요.", "You did not sign in at Kakao just now, so it is not known whether it is you. Sign out there, or use another browser, and try once more.";
    kakao_only_way_in: "이메일과 비밀번호가 모두 있어야 카카오 연결을 끊을 수 있어요.", "Kakao can be disconnected once you have both an email and a password.";
    kakao_connect: "연결하기", "Connect";
    kakao_confirm_hint: "카카오에서 확인했어요. 비밀번호를 한 번 더 적으면 연결돼요.", "Kakao knows you. Say your password once more, and it is connected.";
    kakao_connected: "카카오를 연결했어요.", "Kakao was connected.";
    kakao_disconnect: "연결 끊기", "Disconnect";
    kakao_disconnected: "카카오 연결을 끊었어요.", "Kakao was disconnected.";
    ways_in: "로그인 방법", "Ways to sign in";
    ways_no_email: "이메일이 없어요", "No email";
    ways_password: "이메일과 비밀번호로 로그인할 수 있어요.", "You can sign in with email and password.";
    ways_password_alone: "비밀번호는 있지만, 이메일도 있어야 그것으로 로그인할 수 있어요.", "You have a password, and can sign in with it once you have an email.";
    ways_no_password: "비밀번호가 없어요.", "You have no password.";
    ways_kakao_free: "연결하면 카카오로도 로그인할 수 있어요.", "Once connected, you can sign in with Kakao as well.";
    ways_kakao_since(since): "{since}에 연결했어요.", "Connected {since}.";
    ways_only: "하나뿐인 로그인 방법", "Your only way in";
}

impl Lang {
    /// Why signing in by Kakao came to nothing.
    pub(crate) fn kakao_failure(self, failure: KakaoFailure) -> &'static str {
        match failure {
            KakaoFailure::Cancelled => self.kakao_cancelled(),
            KakaoFailure::Over => self.kakao_over(),
            KakaoFailure::Refused => self.kakao_refused(),
            KakaoFailure::Away => self.kakao_away(),
            KakaoFailure::Taken => self.kakao_taken(),
            KakaoFailure::Earlier => self.kakao_earlier(),
        }
    }
}
