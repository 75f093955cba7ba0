//! Texts of pictures.

use crate::texts::{Lang, texts};

texts! {
    uploading: "올리는 중", "Uploading";
    crop: "보일 부분", "What is shown";
    crop_x: "가로 위치", "Across";
    crop_y: "세로 위치", "Down";
    crop_zoom: "확대", "Zoom";
    keep_picture(n): "{n}번째 사진 남기기", "Keep picture {n}";
    field_picture: "사진", "Picture";
    picture_hint: "JPEG, PNG, WebP · 10 MB까지. 위치 정보는 지워져요.", "JPEG, PNG or WebP up to 10 MB. Location data is removed.";
    picture_again: "사진은 다시 골라 주세요.", "Please choose the picture again.";
    field_not_picture: "읽을 수 없는 사진이에요. JPEG, PNG, WebP로 저장해서 올려 주세요.", "We cannot read this picture. Save it as JPEG, PNG or WebP.";
    field_picture_heif: "HEIC·AVIF 사진이에요. 사진 앱에서 JPEG로 내보내서 올려 주세요.", "This is a HEIC or AVIF picture. Export it as JPEG and choose that.";
    field_picture_cmyk: "인쇄용(CMYK) 사진이에요. RGB로 바꿔 저장해서 올려 주세요.", "This picture has the colours of printing (CMYK). Save it in RGB and choose that.";
    field_picture_large: "사진이 너무 커요. 10 MB, 2,400만 화소까지예요.", "The picture is too large: up to 10 MB and 24 megapixels.";
}
