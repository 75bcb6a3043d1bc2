// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/checkpoint.hpp>

#include <plan/models.hpp>

#include <catch2/catch.hpp>

#include <fstream>

namespace
{
    using images = xg::batch<8, float, 32>;
    using labels = xg::batch<8, std::int32_t>;
    using Catch::Contains;

    struct folder
    {
        std::filesystem::path path =
            std::filesystem::temp_directory_path() / ("xgrad_checkpoint_" + std::to_string(::getpid()));
        folder() { std::filesystem::create_directories(path); }
        ~folder() { std::filesystem::remove_all(path); }
    };

    float train(auto& step, int steps, int first)
    {
        float loss = 0;
        for (int i = first; i < first + steps; ++i)
        {
            xt::xtensor<float, 2> x = xt::empty<float>({8, 32});
            xt::xtensor<std::int32_t, 1> y = xt::empty<std::int32_t>({8});
            for (std::size_t k = 0; k < 8 * 32; ++k)
                x.data()[k] = static_cast<float>((k * 7 + static_cast<std::size_t>(i) * 13) % 17) / 17 - 0.5f;
            for (std::size_t k = 0; k < 8; ++k)
                y(k) = static_cast<std::int32_t>((k + static_cast<std::size_t>(i)) % 4);
            loss = step(x, y);
        }
        return loss;
    }

    auto make_step(auto& net) { return xg::training_step<images, labels>(net, models::cross_entropy_loss, xg::adam{1e-2}, 9); }
}

TEST_CASE("training resumes bit for bit", "[io]")
{
    const folder at;
    auto net = xg::network<models::residual>(1);
    auto step = make_step(net);
    train(step, 20, 0);
    xg::save(net, step, at.path / "a.safetensors");
    const float straight = train(step, 20, 20);

    auto again = xg::network<models::residual>(2);
    auto resumed = make_step(again);
    xg::load(again, resumed, at.path / "a.safetensors");
    CHECK(resumed.steps() == 20);
    CHECK(train(resumed, 20, 20) == straight);
    CHECK((again.parameters() == net.parameters()));

    // the parameters alone, from a file that holds more
    auto bare = xg::network<models::residual>(3);
    xg::load(bare, at.path / "a.safetensors");
    xg::load(again, at.path / "a.safetensors");
    CHECK((bare.parameters() == again.parameters()));
}

TEST_CASE("entries are named as the members", "[io]")
{
    const folder at;
    auto net = xg::network<models::residual>(1);
    xg::save(net, at.path / "a.safetensors");
    const xg::io::safetensors_file file(at.path / "a.safetensors");
    CHECK(file.entries().size() == 6);
    REQUIRE(file.find("hidden.weight"));
    CHECK(file.find("hidden.weight")->shape == std::vector<std::int64_t>{32, 32});
    CHECK(file.find("output.bias")->shape == std::vector<std::int64_t>{4});
}

TEST_CASE("a file that does not fit changes nothing and lists every misfit", "[io]")
{
    const folder at;
    auto other = xg::network<models::branching>(1);
    xg::save(other, at.path / "other.safetensors");
    auto net = xg::network<models::residual>(1);
    auto step = make_step(net);
    train(step, 3, 0);
    const xt::xtensor<float, 1> before = net.parameters();
    CHECK_THROWS_WITH(xg::load(net, at.path / "other.safetensors"),
                      Contains("other.safetensors does not fit the network, which is left as it was") &&
                          Contains("missing: \"hidden.weight\" [32, 32]") && Contains("missing: \"skip.bias\" [32]") &&
                          Contains("wrong shape: \"output.weight\" must be [4, 32], but is [2, 8]") &&
                          Contains("unexpected: \"a.weight\" [8, 8]"));
    CHECK_THROWS_AS(xg::load(net, at.path / "none.safetensors"), xg::file_error);
    xg::save(net, at.path / "bare.safetensors");
    CHECK_THROWS_WITH(xg::load(net, step, at.path / "bare.safetensors"),
                      Contains("bare.safetensors") && Contains("xgrad.seed") &&
                          Contains("was it saved without the training step"));
    CHECK((net.parameters() == before));
    CHECK(step.steps() == 3);
}

TEST_CASE("a file cut short anywhere is refused", "[io]")
{
    const folder at;
    auto net = xg::network<models::residual>(1);
    auto step = make_step(net);
    xg::save(net, step, at.path / "a.safetensors");
    std::ifstream in(at.path / "a.safetensors", std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    const xt::xtensor<float, 1> before = net.parameters();
    auto victim = xg::network<models::residual>(2);
    const xt::xtensor<float, 1> untouched = victim.parameters();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{7}, std::size_t{8}, std::size_t{100}, whole.size() / 2, whole.size() - 1})
    {
        std::ofstream(at.path / "cut.safetensors", std::ios::binary) << whole.substr(0, size);
        CHECK_THROWS_WITH(xg::load(victim, at.path / "cut.safetensors"), Contains("cut.safetensors"));
    }
    CHECK((victim.parameters() == untouched));
}

TEST_CASE("a checkpoint is written whole or not at all", "[io]")
{
    const folder at;
    auto net = xg::network<models::residual>(1);
    std::ofstream(at.path / "file") << "x";
    CHECK_THROWS_WITH(xg::save(net, at.path / "file" / "a.safetensors"), Contains("a.safetensors"));
    xg::save(net, at.path / "a.safetensors");
    xg::save(net, at.path / "a.safetensors");                                    // over an older one
    CHECK(std::distance(std::filesystem::directory_iterator(at.path), {}) == 2); // no temporary file is left
}
