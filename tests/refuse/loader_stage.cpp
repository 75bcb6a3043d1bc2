// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::loader: a stage is called as stage\(item, random\) or stage\(item\)
// Several threads call one stage at once, so it must not change itself.
#include <xgrad/data/loader.hpp>

int main()
{
    const xg::data::labelled_dataset<float, 1> rows{{{1.f, 2.f}}, {0}, {}};
    int seen = 0;
#ifdef XGRAD_TWIN
    auto loader = xg::data::loader<float, 2>(rows, {}, [seen](auto& row) { row(0, 0, 0) += static_cast<float>(seen); });
#else
    auto loader = xg::data::loader<float, 2>(rows, {}, [seen](auto& row) mutable { row(0, 0, 0) += static_cast<float>(++seen); });
#endif
    return static_cast<int>(loader.size()) + seen;
}
