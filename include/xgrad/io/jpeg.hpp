// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/exif.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <jpeglib.h>
// The order matters: jpeglib.h first.
#include <jerror.h>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        // libjpeg leaves a function by longjmp when it fails: those that it may leave have no objects to destroy. All that
        // they work with is here. `errors` comes first: libjpeg hands back its address.
        struct jpeg_work
        {
            jpeg_error_mgr errors{};
            std::jmp_buf escape;
            std::array<char, JMSG_LENGTH_MAX> fault{};
            jpeg_progress_mgr progress{};
            jpeg_decompress_struct in{};
            jpeg_compress_struct out{};
            std::vector<JSAMPLE> row;
            unsigned char* memory = nullptr;
            unsigned long memory_size = 0;

            jpeg_work()
            {
                jpeg_std_error(&errors);
                errors.error_exit = fail;
                errors.emit_message = judge;
                progress.progress_monitor = watch;
            }
            jpeg_work(const jpeg_work&) = delete;
            jpeg_work& operator=(const jpeg_work&) = delete;
            ~jpeg_work()
            {
                jpeg_destroy_decompress(&in);
                jpeg_destroy_compress(&out);
                std::free(memory);
            }

            [[noreturn]] static void fail(j_common_ptr codec)
            {
                auto* work = reinterpret_cast<jpeg_work*>(codec->err);
                codec->err->format_message(codec, work->fault.data());
                std::longjmp(work->escape, 1);
            }

            // libjpeg warns of data that are cut off or damaged and goes on with grey; these few are harmless.
            static void judge(j_common_ptr codec, int level)
            {
                const int code = codec->err->msg_code;
                if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR &&
                    code != JWRN_NOT_SEQUENTIAL)
                    fail(codec);
            }

            // Thousands of scans over a large picture would take hours.
            static void watch(j_common_ptr codec)
            {
                if (codec->is_decompressor && reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number > 500)
                {
                    auto* work = reinterpret_cast<jpeg_work*>(codec->err);
                    std::snprintf(work->fault.data(), work->fault.size(), "it has more than 500 scans");
                    std::longjmp(work->escape, 1);
                }
            }
        };

        inline bool read_jpeg_header(jpeg_work& work, std::span<const std::byte> bytes)
        {
            if (setjmp(work.escape))
                return false;
            work.in.err = &work.errors;
            jpeg_create_decompress(&work.in);
            work.in.progress = &work.progress;
            jpeg_save_markers(&work.in, JPEG_APP0 + 1, 0xffff); // where cameras write which way up they were held
            jpeg_mem_src(&work.in, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
            jpeg_read_header(&work.in, TRUE);
            const bool four = work.in.jpeg_color_space == JCS_CMYK || work.in.jpeg_color_space == JCS_YCCK;
            work.in.out_color_space = four ? JCS_CMYK : JCS_RGB;
            return true;
        }

        inline bool start_jpeg(jpeg_work& work)
        {
            if (setjmp(work.escape))
                return false;
            jpeg_start_decompress(&work.in);
            return true;
        }

        inline bool read_jpeg_row(jpeg_work& work)
        {
            if (setjmp(work.escape))
                return false;
            JSAMPROW row = work.row.data();
            return jpeg_read_scanlines(&work.in, &row, 1) == 1;
        }

        inline bool finish_jpeg(jpeg_work& work)
        {
            if (setjmp(work.escape))
                return false;
            jpeg_finish_decompress(&work.in);
            return true;
        }

        inline int orientation_of(const jpeg_work& work)
        {
            for (const auto* each = work.in.marker_list; each; each = each->next)
                if (const int found = exif_orientation(std::as_bytes(std::span{each->data, each->data_length})); found != 1)
                    return found;
            return 1;
        }

        // Four inks to red, green and blue as PIL does it; Adobe writes them inverted.
        inline void four_inks(std::span<JSAMPLE> row, bool inverted)
        {
            for (std::size_t x = 0; x < row.size() / 4; ++x)
            {
                const unsigned flip = inverted ? 255 : 0, light = 255 - (row[4 * x + 3] ^ flip);
                for (std::size_t c = 0; c < 3; ++c)
                {
                    const unsigned product = (row[4 * x + c] ^ flip) * light + 128;
                    row[3 * x + c] = static_cast<JSAMPLE>(light - (((product >> 8) + product) >> 8));
                }
            }
        }

        inline void decode_jpeg(std::span<const std::byte> bytes, byte_image& to, const image_options& options,
                                const std::string& who)
        {
            jpeg_work work;
            const auto require = [&](bool done)
            {
                if (!done)
                    throw file_error(who + "is no whole JPEG picture: " + work.fault.data());
            };
            require(read_jpeg_header(work, bytes));
            begin_image(to, work.in.image_width, work.in.image_height, options, who);
            const int orientation = options.upright ? orientation_of(work) : 1; // finish_jpeg drops the markers
            require(start_jpeg(work));
            work.row.resize(std::size_t{work.in.output_width} * static_cast<std::size_t>(work.in.output_components));
            for (std::size_t y = 0; y < to.height(); ++y)
            {
                require(read_jpeg_row(work));
                if (work.in.output_components == 4)
                    four_inks(work.row, work.in.saw_Adobe_marker);
                put_row(to, y, work.row.data());
            }
            require(finish_jpeg(work));
            turn_upright(to, orientation);
        }

        inline bool write_jpeg(jpeg_work& work, const byte_image& from, int quality)
        {
            if (setjmp(work.escape))
                return false;
            work.out.err = &work.errors;
            jpeg_create_compress(&work.out);
            jpeg_mem_dest(&work.out, &work.memory, &work.memory_size);
            work.out.image_width = static_cast<JDIMENSION>(from.width());
            work.out.image_height = static_cast<JDIMENSION>(from.height());
            work.out.input_components = static_cast<int>(from.channels());
            work.out.in_color_space = from.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
            jpeg_set_defaults(&work.out);
            jpeg_set_quality(&work.out, quality, TRUE);
            jpeg_start_compress(&work.out, TRUE);
            while (work.out.next_scanline < work.out.image_height)
            {
                get_row(from, work.out.next_scanline, work.row.data());
                JSAMPROW row = work.row.data();
                jpeg_write_scanlines(&work.out, &row, 1);
            }
            jpeg_finish_compress(&work.out);
            return true;
        }

        inline std::vector<std::byte> encode_jpeg(const byte_image& from, int quality, const std::string& who)
        {
            jpeg_work work;
            work.row.resize(from.channels() * from.width());
            if (!write_jpeg(work, from, quality))
                throw file_error(who + "cannot be written: " + work.fault.data());
            const auto* bytes = reinterpret_cast<const std::byte*>(work.memory);
            return {bytes, bytes + work.memory_size};
        }
    }
}
