// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/meta/error.hpp>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgrad::inline XGRAD_ABI::io
{
    /// A regular file mapped into memory for reading; whoever shortens the file meanwhile kills the reader (SIGBUS).
    class mapped_file
    {
    public:
        /// No file, no bytes.
        mapped_file() = default;

        /// Maps the whole file, or throws file_error with the path and the system's reason.
        explicit mapped_file(const std::filesystem::path& path)
        {
            // O_NONBLOCK: opening a pipe must not wait for its writer; it is refused just below.
            const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
            if (file.number < 0)
                refuse(path, "cannot be opened: ", errno);
            struct stat facts;
            if (::fstat(file.number, &facts) != 0)
                refuse(path, "cannot be examined: ", errno);
            if (!S_ISREG(facts.st_mode))
                throw file_error(path.string() + ": is not a regular file");
            if (facts.st_size == 0)
                return;
            if (static_cast<unsigned long long>(facts.st_size) > std::numeric_limits<std::size_t>::max())
                throw file_error(path.string() + ": is too large for this machine's address space");
            const auto size = static_cast<std::size_t>(facts.st_size);
            void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
            if (start == MAP_FAILED)
                refuse(path, "cannot be mapped into memory: ", errno);
            bytes_ = {static_cast<const std::byte*>(start), size};
        }

        mapped_file(mapped_file&& other) noexcept : bytes_{std::exchange(other.bytes_, {})} {}
        mapped_file& operator=(mapped_file&& other) noexcept
        {
            std::swap(bytes_, other.bytes_);
            return *this;
        }
        ~mapped_file()
        {
            if (!bytes_.empty())
                ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
        }

        /// The file's content, at the same address until the object ends, even if it is moved.
        std::span<const std::byte> bytes() const { return bytes_; }

    private:
        struct descriptor
        {
            int number;
            ~descriptor()
            {
                if (number >= 0)
                    ::close(number);
            }
        };

        [[noreturn]] static void refuse(const std::filesystem::path& path, const char* what, int reason)
        {
            throw file_error(path.string() + ": " + what + std::generic_category().message(reason));
        }

        std::span<const std::byte> bytes_;
    };
}
