// SPDX-License-Identifier: BSD-3-Clause
#include "json.hpp"

#include "threads.hpp"

#include <xgrad/io/atomic_file.hpp>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace bench
{
    namespace
    {
        using writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

        void write(writer& to, const char* key, const std::string& value)
        {
            to.Key(key);
            to.String(value.c_str());
        }

        void write(writer& to, const char* key, double value)
        {
            to.Key(key);
            to.Double(value);
        }

        void write_timing(writer& to, const timing& t, double ours)
        {
            to.StartObject();
            write(to, "name", t.name);
            write(to, "median", t.median);
            write(to, "lower_quartile", t.lower);
            write(to, "upper_quartile", t.upper);
            write(to, "ratio", t.median / ours);
            write(to, "difference", t.difference);
            to.Key("samples");
            to.Int(t.samples);
            to.Key("repetitions");
            to.Int(t.repetitions);
            to.EndObject();
        }

        void write_outcome(writer& to, const outcome& o)
        {
            to.StartObject();
            write(to, "name", o.work.name);
            write(to, "kind", title_of(o.work.kind));
            write(to, "flops", o.work.flops);
            write(to, "bytes", o.work.bytes);
            write(to, "working_set", o.work.working_set);
            write(to, "floor", o.floor.seconds);
            write(to, "limited_by", o.floor.limited_by);
            if (!o.failure.empty())
                write(to, "failure", o.failure);
            to.Key("contestants");
            to.StartArray();
            for (const auto& t : o.timings)
                write_timing(to, t, o.timings[0].median);
            to.EndArray();
            to.EndObject();
        }
    }

    void save_json(const std::filesystem::path& path, const report& r)
    {
        rapidjson::StringBuffer text;
        writer to(text);
        to.StartObject();
        write(to, "processor", r.processor);
        write(to, "compiler", r.compiler);
        write(to, "date", r.date);
        to.Key("threads");
        to.Int(threads());
        write(to, "flops_per_second", r.machine.flops_per_second);
        to.Key("bytes_per_second");
        to.StartArray();
        for (const auto& [working_set, rate] : r.machine.levels)
        {
            to.StartObject();
            write(to, "working_set", working_set);
            write(to, "read", rate[0]);
            write(to, "copy", rate[1]);
            write(to, "update", rate[2]);
            to.EndObject();
        }
        to.EndArray();
        to.Key("peers");
        to.StartObject();
        for (const auto& peer : r.peers)
            write(to, peer.name.c_str(), peer.version);
        to.EndObject();
        write(to, "openblas_core", r.openblas_core);
        to.Key("absent");
        to.StartArray();
        for (const auto& name : r.absent)
            to.String(name.c_str());
        to.EndArray();
        to.Key("rows");
        to.StartArray();
        for (const auto& o : r.outcomes)
            write_outcome(to, o);
        to.EndArray();
        to.EndObject();
        xg::io::atomic_file file{path};
        file.write(std::string_view(text.GetString(), text.GetSize()));
        file.write("\n");
        file.commit();
    }
}
