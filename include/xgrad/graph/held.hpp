// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/record.hpp>
#include <xgrad/graph/tree.hpp>

#include <utility>

namespace xgrad::inline XGRAD_ABI
{
    struct runner;

    /// A value of a tape, counted by all who refer to it; it outlives the tape until the last of them is gone.
    struct tape_value
    {
        runner* owner = nullptr;
        int references = 0;
        int id = -1;
    };

    /// What computes a statement the moment it is written down: a tape. A recorder without one belongs to the compiler.
    struct runner
    {
        /// What gradient rules write down, and what is made of parameters alone.
        virtual int statement(const operation* op, const shape& extents, element type, const int* ids, int count,
                              const kernel::attributes& with) = 0;
        virtual int alias(const operation* op, int of, const shape& extents, std::int64_t offset) = 0;
        virtual int constant(double number, element type) = 0;

        /// What a program writes down: the value comes with one reference.
        virtual tape_value* held_statement(const operation* op, const shape& extents, element type, const int* ids, int count,
                                           const kernel::attributes& with) = 0;
        virtual tape_value* held_alias(const operation* op, int of, const shape& extents, std::int64_t offset = 0) = 0;
        virtual tape_value* held_constant_of(double number, element type) = 0;
        virtual tape_value* hold(int id) = 0;

        /// The extents of this run for extents whose leading one is a bound, from the operands; refuses a tape that is gone.
        virtual shape extents_of(const shape& form, const int* ids, int count) = 0;
        /// The rows of the batch that operands belong to, 0 without one.
        virtual int rows_of(const int* ids, int count) = 0;
        /// Between these calls, values of no bounded shape belong to a batch of so many rows.
        virtual void assume_rows(const int* ids, int count) = 0;
        virtual void assume_nothing() = 0;

        virtual void write_last(int state, int value) = 0;
        /// The gradients of `from` in `count` values, each with one reference; zeros where it does not depend on one.
        virtual void gradients(int from, const int* wanted, int count, const operation* repeat, tape_value** found) = 0;
        virtual void unreferenced(tape_value& value) noexcept = 0;
        virtual const kernel::tensor_ref& read(const tape_value& value) = 0;

        /// For gradient rules that compute themselves: a value whose elements they write, where a value lies, memory until
        /// the next statement, the random numbers of this run; and that all elements of a value are written.
        virtual int unwritten(const shape& extents, element type) = 0;
        virtual const kernel::tensor_ref& at(int id) const = 0;
        virtual kernel::address room(std::int64_t bytes) = 0;
        virtual const kernel::random_state& random_numbers() const = 0;
        virtual void is_written(int id, int gradient_of) = 0;

    protected:
        ~runner() = default;
    };

    namespace detail
    {
        /// Refers to a value of a tape. The tape keeps it as long.
        class reference
        {
        public:
            int id = -1;

            constexpr reference() = default;
            explicit reference(tape_value* taken) : id(taken->id), value_(taken) {}
            reference(const reference& other) : id(other.id), value_(other.value_)
            {
                if (value_)
                    ++value_->references;
            }
            reference(reference&& other) noexcept : id(other.id), value_(std::exchange(other.value_, nullptr)) {}
            reference& operator=(reference other) noexcept
            {
                std::swap(id, other.id);
                std::swap(value_, other.value_);
                return *this;
            }
            ~reference()
            {
                if (value_ && --value_->references == 0)
                    value_->owner->unreferenced(*value_);
            }

            tape_value* value() const { return value_; }

        private:
            tape_value* value_ = nullptr;
        };
    }

    /// A leaf that keeps a value of a tape alive.
    template <element_type T>
    struct held : detail::reference
    {
        using value_type = T;
        using detail::reference::reference;
    };

    /// A number in an expression on a tape.
    template <element_type T>
    struct held_constant : detail::reference
    {
        using value_type = T;
        using detail::reference::reference;
    };

    template <class T>
    struct tree_traits<held<T>> : tree_traits<leaf<T>>
    {
    };
    template <class T>
    struct tree_traits<held_constant<T>> : tree_traits<constant<T>>
    {
    };

    template <class T>
    constexpr int* leaf_ids(const held<T>& tree, int* to)
    {
        *to = tree.id;
        return to + 1;
    }
    template <class T>
    constexpr int* leaf_ids(const held_constant<T>& tree, int* to)
    {
        *to = tree.id;
        return to + 1;
    }

    namespace detail
    {
        template <class Tree>
        struct tape_tree
        {
            static constexpr bool held = false;
            using plain = Tree;
        };
        template <class T>
        struct tape_tree<xgrad::held<T>>
        {
            static constexpr bool held = true;
            using plain = leaf<T>;
        };
        template <class T>
        struct tape_tree<held_constant<T>>
        {
            static constexpr bool held = true;
            using plain = constant<T>;
        };
        template <class Function, class... Operands>
        struct tape_tree<apply<Function, Operands...>>
        {
            static constexpr bool held = (tape_tree<Operands>::held || ...);
            using plain = apply<Function, typename tape_tree<Operands>::plain...>;
        };
        template <class Kernel, class... Operands>
        struct tape_tree<core<Kernel, Operands...>>
        {
            static constexpr bool held = (false || ... || tape_tree<Operands>::held);
            using plain = core<Kernel, typename tape_tree<Operands>::plain...>;
        };
    }

    /// Whether a tree holds values of a tape.
    template <class Tree>
    inline constexpr bool is_held_tree = detail::tape_tree<Tree>::held;

    /// The same structure without references: what kernels and gradient rules are made from, in both modes.
    template <class Tree>
    using plain_tree = typename detail::tape_tree<Tree>::plain;
}
