// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::loader: a source has size\(\), a type item_type, and read\(index, item\), const, that returns a class
// Several threads read at once, so reading must not change the source.
#include <xgrad/data/loader.hpp>

struct squares
{
    using item_type = std::vector<int>;
    std::size_t size() const { return 10; }
#ifdef XGRAD_TWIN
    std::int32_t read(std::size_t index, item_type& item) const
#else
    std::int32_t read(std::size_t index, item_type& item)
#endif
    {
        item.assign(2, static_cast<int>(index * index));
        return 0;
    }
};

int main()
{
    auto loader = xg::data::loader<float, 2>(squares{}, {}, [](const auto& item, auto&, std::span<float> to)
                                             { std::copy(item.begin(), item.end(), to.begin()); });
    return static_cast<int>(loader.size());
}
