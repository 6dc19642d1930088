/** Whatever stands for an object inside the decoder. */
export type Handle = unknown;

/** An error of the decoder's, which it gives in place of a result. */
export interface LibheifError {
  readonly code: unknown;
  readonly message: string;
}

/** A decoded picture: its channels, of which the one asked for has all colours side by side. */
export interface LibheifPicture {
  readonly image: Handle;
  readonly channels: readonly {
    readonly width: number;
    readonly height: number;
    /** Bytes from one row to the next. */
    readonly stride: number;
    readonly data: Uint8Array;
  }[];
}

/** The functions of libheif (https://github.com/strukturag/libheif) that reading a picture takes, as its WebAssembly build names them. */
export interface Libheif {
  heif_context_alloc(): Handle;
  heif_context_free(context: Handle): void;
  heif_context_read_from_memory(context: Handle, bytes: Uint8Array): LibheifError;
  heif_js_context_get_primary_image_handle(context: Handle): Handle | LibheifError;
  heif_image_handle_get_width(picture: Handle): number;
  heif_image_handle_get_height(picture: Handle): number;
  heif_image_handle_has_alpha_channel(picture: Handle): number;
  heif_image_handle_is_premultiplied_alpha(picture: Handle): number;
  heif_image_handle_release(picture: Handle): void;
  heif_js_decode_image2(picture: Handle, colours: unknown, layout: unknown): LibheifPicture | LibheifError;
  heif_image_release(image: Handle): void;
  readonly heif_error_code: { readonly heif_error_Ok: unknown };
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
  readonly heif_chroma: {
    readonly heif_chroma_interleaved_RGB: unknown;
    readonly heif_chroma_interleaved_RGBA: unknown;
  };
}
