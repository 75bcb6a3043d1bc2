// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/workers.hpp>

#include <new>

namespace xgrad::inline XGRAD_ABI
{
    /// OpenMP's threads, for programs that link xgrad::threads: `step.use(threads)`, `predict.use(threads)`. It must outlive
    /// them, and only one of them may run at a time. Small work stays on the calling thread.
    class threads : public kernel::workers
    {
    public:
        explicit threads(int number)
        {
            count = number < 1 ? 1 : number;
            run = [](const workers&, int parts, void (*task)(const void*, int), const void* context)
            {
#pragma omp parallel for num_threads(parts) schedule(static, 1)
                for (int part = 0; part < parts; ++part)
                    task(context, part);
            };
            reserve = [](const workers& self, int parts, std::size_t bytes) -> void*
            {
                const auto& own = static_cast<const threads&>(self);
                const std::size_t size = static_cast<std::size_t>(parts) * bytes;
                if (size > own.size_)
                {
                    own.room_.reset(::operator new(size, std::align_val_t(64)));
                    own.size_ = size;
                }
                return own.room_.get();
            };
        }
        threads(const threads&) = delete;
        threads& operator=(const threads&) = delete;

    private:
        struct free_aligned
        {
            void operator()(void* room) const { ::operator delete(room, std::align_val_t(64)); }
        };
        mutable std::unique_ptr<void, free_aligned> room_;
        mutable std::size_t size_ = 0;
    };
}
