// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgrad::inline XGRAD_ABI::io
{
    /// Writes a file completely or not at all: into a temporary file beside it that commit() renames.
    class atomic_file
    {
    public:
        /// Opens a temporary file in the folder of `path`; a link is followed, a device or a folder refused.
        explicit atomic_file(const std::filesystem::path& path) : path_{path}, target_{path}
        {
            struct stat old;
            const bool exists = ::stat(path.c_str(), &old) == 0;
            if (!exists && errno != ENOENT)
                refuse("cannot be written: ", errno);
            if (exists && !S_ISREG(old.st_mode))
                throw file_error(path_.string() + ": cannot be written: is not a regular file");
            if (exists)
                follow_link();
            open_temporary();
            // Whoever could read the old file can read the new one; failing that is no reason not to save.
            if (exists && ::fchmod(file_, old.st_mode & 07777) != 0)
                errno = 0;
        }

        atomic_file(const atomic_file&) = delete;
        atomic_file& operator=(const atomic_file&) = delete;

        /// Without commit() the temporary file vanishes and the old file stays as it was.
        ~atomic_file()
        {
            if (file_ >= 0)
                ::close(file_);
            if (!temporary_.empty())
                ::unlink(temporary_.c_str());
        }

        /// Appends bytes.
        void write(std::span<const std::byte> bytes)
        {
            while (!bytes.empty())
            {
                const ssize_t written = ::write(file_, bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 30));
                if (written > 0)
                    bytes = bytes.subspan(static_cast<std::size_t>(written));
                else if (written == 0 || errno != EINTR)
                    refuse("cannot be written: ", written == 0 ? ENOSPC : errno);
            }
        }

        /// Appends text.
        void write(std::string_view text) { write(std::as_bytes(std::span{text})); }

        /// Makes the content permanent and puts it in the place of the old file, in one step.
        void commit()
        {
            if (::fsync(file_) != 0)
                refuse("cannot be written: ", errno);
            if (::close(std::exchange(file_, -1)) != 0)
                refuse("cannot be written: ", errno);
            if (::rename(temporary_.c_str(), target_.c_str()) != 0)
                refuse("cannot be replaced: ", errno);
            temporary_.clear();
            sync_folder();
        }

    private:
        std::filesystem::path folder() const
        {
            return target_.has_parent_path() ? target_.parent_path() : std::filesystem::path{"."};
        }

        void follow_link()
        {
            std::error_code failure;
            auto real = std::filesystem::canonical(path_, failure);
            if (!failure)
                target_ = std::move(real);
        }

        void open_temporary()
        {
            std::random_device random;
            for (int attempt = 0; attempt < 100; ++attempt)
            {
                const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
                const auto candidate = folder() / (".xgrad-" + std::to_string(number) + ".tmp");
                file_ = ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
                if (file_ >= 0)
                {
                    temporary_ = candidate;
                    return;
                }
                if (errno != EEXIST)
                    refuse("cannot be written: no temporary file beside it: ", errno);
            }
            refuse("cannot be written: no temporary file beside it: ", EEXIST);
        }

        // The rename itself is safe only when the folder is on disk; some file systems cannot say so (EINVAL).
        void sync_folder() const
        {
            const int folder_file = ::open(folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (folder_file < 0)
                return;
            const int reason = ::fsync(folder_file) != 0 ? errno : 0;
            ::close(folder_file);
            if (reason != 0 && reason != EINVAL && reason != ENOTSUP)
                refuse("is written, but its folder may not survive a power cut: ", reason);
        }

        [[noreturn]] void refuse(const char* what, int reason) const
        {
            throw file_error(path_.string() + ": " + what + std::generic_category().message(reason));
        }

        std::filesystem::path path_;
        std::filesystem::path target_;
        std::filesystem::path temporary_;
        int file_ = -1;
    };
}
