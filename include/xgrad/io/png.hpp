// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <png.h>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        // libpng leaves a function by longjmp when it fails: those that it may leave have no objects to destroy. All that
        // they work with is here.
        struct png_work
        {
            png_structp png = nullptr;
            png_infop info = nullptr;
            std::array<char, 200> fault{};
            std::span<const std::byte> rest;
            std::vector<std::byte>* written = nullptr;
            std::vector<png_byte> pixels;
            std::vector<png_bytep> rows;
            png_uint_32 width = 0, height = 0;
            bool writing = false;

            ~png_work()
            {
                if (writing)
                    png_destroy_write_struct(&png, &info);
                else
                    png_destroy_read_struct(&png, &info, nullptr);
            }

            // Rows of interleaved values, one behind the other.
            void lay_out(std::size_t width_in_bytes)
            {
                pixels.resize(width_in_bytes * height);
                rows.resize(height);
                for (std::size_t y = 0; y < height; ++y)
                    rows[y] = pixels.data() + y * width_in_bytes;
            }

            static void fail(png_structp png, png_const_charp text)
            {
                auto* work = static_cast<png_work*>(png_get_error_ptr(png));
                std::strncpy(work->fault.data(), text, work->fault.size() - 1);
                png_longjmp(png, 1);
            }
            static void ignore(png_structp, png_const_charp) {}

            static void read(png_structp png, png_bytep to, std::size_t size)
            {
                auto* work = static_cast<png_work*>(png_get_io_ptr(png));
                if (size > work->rest.size())
                    png_error(png, "is cut off");
                std::memcpy(to, work->rest.data(), size);
                work->rest = work->rest.subspan(size);
            }

            static void write(png_structp png, png_bytep from, std::size_t size)
            {
                auto* work = static_cast<png_work*>(png_get_io_ptr(png));
                const auto* bytes = reinterpret_cast<const std::byte*>(from);
                bool done = true;
                try
                {
                    work->written->insert(work->written->end(), bytes, bytes + size);
                }
                catch (...)
                {
                    done = false;
                }
                if (!done)
                    png_error(png, "out of memory");
            }
            static void flush(png_structp) {}
        };

        inline bool read_png_header(png_work& work)
        {
            if (setjmp(png_jmpbuf(work.png)))
                return false;
            // compressed texts and profiles cannot grow without bound either
            png_set_chunk_malloc_max(work.png, 8'000'000);
            png_set_chunk_cache_max(work.png, 100);
            png_set_user_limits(work.png, 0x7fffffff, 0x7fffffff);
            png_set_read_fn(work.png, &work, png_work::read);
            png_read_info(work.png, work.info);
            work.width = png_get_image_width(work.png, work.info);
            work.height = png_get_image_height(work.png, work.info);
            png_set_expand(work.png);
            png_set_scale_16(work.png);
            png_set_strip_alpha(work.png);
            png_set_gray_to_rgb(work.png);
            png_set_interlace_handling(work.png);
            png_read_update_info(work.png, work.info);
            return true;
        }

        inline bool read_png_rows(png_work& work)
        {
            if (setjmp(png_jmpbuf(work.png)))
                return false;
            png_read_image(work.png, work.rows.data());
            png_read_end(work.png, nullptr);
            return true;
        }

        inline bool write_png_rows(png_work& work, int colours)
        {
            if (setjmp(png_jmpbuf(work.png)))
                return false;
            png_set_write_fn(work.png, &work, png_work::write, png_work::flush);
            png_set_IHDR(work.png, work.info, work.width, work.height, 8, colours, PNG_INTERLACE_NONE,
                         PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
            png_write_info(work.png, work.info);
            png_write_image(work.png, work.rows.data());
            png_write_end(work.png, nullptr);
            return true;
        }

        inline void decode_png(std::span<const std::byte> bytes, byte_image& to, const image_options& options,
                               const std::string& who)
        {
            png_work work;
            work.rest = bytes;
            work.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &work, png_work::fail, png_work::ignore);
            work.info = work.png ? png_create_info_struct(work.png) : nullptr;
            if (!work.info)
                throw file_error(who + "libpng cannot start");
            const auto refuse = [&] { throw file_error(who + "is no whole PNG picture: " + work.fault.data()); };
            if (!read_png_header(work))
                refuse();
            begin_image(to, work.width, work.height, options, who);
            work.lay_out(std::size_t{3} * work.width);
            if (png_get_rowbytes(work.png, work.info) != std::size_t{3} * work.width)
                throw file_error(who + "libpng does not turn it into red, green and blue");
            if (!read_png_rows(work))
                refuse();
            for (std::size_t y = 0; y < work.height; ++y)
                put_row(to, y, work.rows[y]);
        }

        inline std::vector<std::byte> encode_png(const byte_image& from, const std::string& who)
        {
            std::vector<std::byte> result;
            png_work work;
            work.writing = true;
            work.written = &result;
            work.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &work, png_work::fail, png_work::ignore);
            work.info = work.png ? png_create_info_struct(work.png) : nullptr;
            if (!work.info)
                throw file_error(who + "libpng cannot start");
            work.width = static_cast<png_uint_32>(from.width());
            work.height = static_cast<png_uint_32>(from.height());
            work.lay_out(from.channels() * from.width());
            for (std::size_t y = 0; y < from.height(); ++y)
                get_row(from, y, work.rows[y]);
            if (!write_png_rows(work, from.channels() == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB))
                throw file_error(who + "cannot be written: " + work.fault.data());
            return result;
        }
    }
}
