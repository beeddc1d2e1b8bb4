using System.Text;

namespace Weir.Node.Agent;

/// <summary>What <c>weir run</c> does without a file: this host's containers and log files, to Loki or to the embedded
/// store.</summary>
internal static class BuiltInConfiguration
{
    public const string Name = "built-in configuration";

    private const string DockerSocket = "/var/run/docker.sock";

    /// <param name="environment">Reads <c>WEIR_LOKI_URL</c>, <c>DOCKER_HOST</c>; null where unset.</param>
    /// <param name="store">Push URL of the node's own store.</param>
    /// <param name="token">What the store asks for; null: nothing.</param>
    public static string Compose(
        Func<string, string?> environment, Func<string, bool> exists, string store, string? token)
    {
        var text = new StringBuilder();
        var docker = environment("DOCKER_HOST") is { Length: > 0 } host ? host
            : exists(DockerSocket) ? $"unix://{DockerSocket}" : null;
        if (docker is not null) text.Append(Docker.Replace("DOCKER_HOST", docker, StringComparison.Ordinal));
        text.Append(Files);
        text.Append(environment("WEIR_LOKI_URL") is { Length: > 0 }
            ? Loki(environment) : Store
                .Replace("STORE_URL", store, StringComparison.Ordinal)
                .Replace("TOKEN", token is null ? "" : $"\n\t\tbearer_token = \"{token}\"", StringComparison.Ordinal));
        return text.ToString();
    }

    private static string Loki(Func<string, string?> environment)
    {
        var has = (string name) => environment(name) is { Length: > 0 };
        var text = new StringBuilder("loki.write \"default\" {\n\tendpoint {\n\t\turl = sys.env(\"WEIR_LOKI_URL\")\n");
        if (has("WEIR_LOKI_TENANT")) text.Append("\t\ttenant_id = sys.env(\"WEIR_LOKI_TENANT\")\n");
        if (has("WEIR_LOKI_USER"))
        {
            text.Append("\n\t\tbasic_auth {\n\t\t\tusername = sys.env(\"WEIR_LOKI_USER\")\n")
                .Append("\t\t\tpassword = sys.env(\"WEIR_LOKI_PASSWORD\")\n\t\t}\n");
        }

        return text.Append("\t}\n}\n").ToString();
    }

    private const string Docker =
        """
        discovery.docker "containers" {
        	host = "DOCKER_HOST"
        }

        discovery.relabel "containers" {
        	targets = discovery.docker.containers.targets

        	rule {
        		source_labels = ["__meta_docker_container_name"]
        		regex         = "/(.*)"
        		target_label  = "container"
        	}

        	rule {
        		source_labels = ["__meta_docker_container_label_com_docker_compose_project"]
        		target_label  = "project"
        	}

        	rule {
        		source_labels = ["container"]
        		target_label  = "service"
        	}

        	rule {
        		source_labels = ["__meta_docker_container_label_com_docker_compose_service"]
        		regex         = "(.+)"
        		target_label  = "service"
        	}
        }

        loki.source.docker "containers" {
        	host          = "DOCKER_HOST"
        	targets       = discovery.relabel.containers.output
        	labels        = { job = "docker", host = constants.hostname }
        	relabel_rules = loki.relabel.stream.rules
        	forward_to    = [loki.write.default.receiver]
        }

        loki.relabel "stream" {
        	forward_to = []

        	rule {
        		source_labels = ["__meta_docker_container_log_stream"]
        		target_label  = "stream"
        	}
        }


        """;

    private const string Files =
        """
        local.file_match "logs" {
        	path_targets = [{
        		__path__ = "/var/log/**/*.log",
        		job      = "files",
        		host     = constants.hostname,
        	}]
        }

        loki.source.file "logs" {
        	targets    = local.file_match.logs.targets
        	forward_to = [loki.write.default.receiver]
        }


        """;

    private const string Store =
        """
        loki.write "default" {
        	endpoint {
        		url = "STORE_URL"TOKEN
        	}
        }

        """;
}
